"""The life of one entity of every kind, from its creation until it is gone for good."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from metadata.ingestion.ometa.mixins.patch_mixin_utils import PatchOperation
from metadata.ingestion.ometa.utils import get_entity_type, model_str

from driver.kinds import KINDS, fqn_of, request_for
from driver.scene import Scene, refused
from driver.services import CONNECTIONS

NAME = "é b/c.d"
"""Needs quotes in an FQN, and percent signs in a URL."""
FILTERS = {"service", "database", "databaseSchema", "apiCollection"}
"""Parent fields that are parameters of the list, too."""
RELATIONS = ("owners", "tags", "domains", "followers")


def plays(scene: Scene) -> dict[str, Callable[[], object]]:
    """One life per kind, named by the type in references; and the list of them."""
    lives: dict[str, Callable[[], object]] = {
        f"life of {get_entity_type(entity)}": functools.partial(Life, scene, entity)
        for entity in (*CONNECTIONS, *KINDS)
    }
    return {**lives, "lives": functools.partial(Lives, list(lives))}


class Lives:
    """What is there to be played."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def kinds(self) -> list[str]:
        return self._names


class Life:
    """What the client can do to an entity of any kind, in an order that makes sense."""

    def __init__(self, scene: Scene, entity: type[Any]) -> None:
        self.scene = scene
        self.client = scene.client
        self.entity = entity
        self.type = get_entity_type(entity)
        # Names of services are unique to a kind, or deleting one would take the others along.
        self.request = request_for(self.client, entity, f"{self.type} {NAME}")
        self.fields = [name for name in RELATIONS if name in entity.model_fields]
        self.known: Any = None

    def _now(self, *fields: str) -> Any:
        """The entity as the server has it."""
        return self.client.get_by_name(self.entity, self.fqn, fields=list(fields))

    def _about(self, entity: Any) -> dict[str, Any]:
        return {"fqn": fqn_of(entity), "version": entity.version.root}

    def created(self) -> dict[str, Any]:
        self.known = self.client.create_or_update(self.request)
        self.fqn: str = fqn_of(self.known)
        return self._about(self.known)

    def created_again(self) -> dict[str, Any]:
        again = self.client.create_or_update(self.request)
        return {**self._about(again), "same": again.id == self.known.id}

    def posted_again(self) -> Any:
        return refused(lambda: self.client.create(self.request))

    def in_bulk(self) -> str | None:
        """The outcome; None for a kind that cannot be sent so."""
        result = self.client.bulk_create_or_update([self.request])
        if result.numberOfRowsProcessed.root == 0:
            return None
        return result.status.value

    def not_stale(self) -> int | None:
        """How many were deleted because this one was seen; None for a kind that is not swept."""
        kind = KINDS.get(self.entity)
        if kind is None or "service" not in self.entity.model_fields:
            return None
        service = self._now().service.fullyQualifiedName
        found = self.client.delete_stale_entities(self.entity, {"service": service}, [self.fqn])
        return found and found.numberOfRowsProcessed.root

    def by_name(self) -> dict[str, Any]:
        found = self.client.get_by_name(self.entity, self.fqn, fields=self.fields)
        relations = {name: getattr(found, name) for name in self.fields}
        return {**self._about(found), "same": found.id == self.known.id, **relations}

    def by_id(self) -> dict[str, Any]:
        found = self.client.get_by_id(self.entity, self.known.id, fields=self.fields)
        return {**self._about(found), "same": found.id == self.known.id}

    def unknown(self) -> list[Any]:
        nobody = "00000000-0000-4000-8000-000000000000"
        by_id = self.client.get_by_id(self.entity, nobody)
        return [self.client.get_by_name(self.entity, "nobody.knows"), by_id]

    def reference(self) -> dict[str, Any]:
        found = self.client.get_entity_reference(self.entity, self.fqn)
        return {
            "type": found.type,
            "fqn": found.fullyQualifiedName,
            "id": found.id == self.known.id,
        }

    def described(self) -> list[str | None]:
        """Described where nothing was, left as it was, and described anew."""
        patched = []
        for text, force in (("First", False), ("Second", False), ("Third", True)):
            self.client.patch_description(self.entity, self._now(), text, force=force)
            model_str(patched.append(self._now().description))
        return patched

    def tagged(self) -> list[list[str]]:
        """One tag, two tags, and the other one."""
        if "tags" not in self.fields:
            return []
        label = self.scene.label
        self.client.patch_tag(self.entity, self._now(), label("Public"))
        one = self._tags()
        self.client.patch_tags(self.entity, self._now(), [label("Secret")])
        two = self._tags()
        self.client.patch_tags(
            self.entity, self._now(), [label("Public")], operation=PatchOperation.REMOVE
        )
        return [one, two, self._tags()]

    def _tags(self) -> list[str]:
        return sorted(tag.tagFQN.root for tag in self._now("tags").tags)

    def owned(self) -> list[str]:
        if "owners" not in self.fields:
            return []
        self.client.patch_owner(self.entity, self._now(), self.scene.owners)
        return [owner.name for owner in self._now("owners").owners.root]

    def in_domain(self) -> list[str]:
        if "domains" not in self.fields:
            return []
        self.client.patch_domain(self.entity, self._now(), self.scene.domains)
        return [domain.name for domain in self._now("domains").domains.root]

    def followed(self) -> list[list[str]]:
        """With a follower, and without."""
        if "followers" not in self.fields:
            return []
        path = f"{self.client.get_suffix(self.entity)}/{self.known.id.root}/followers"
        user = str(self.scene.user.id.root)
        self.client.client.put(path, data=json.dumps(user))
        one = self._followers()
        self.client.client.delete(f"{path}/{user}")
        return [one, self._followers()]

    def _followers(self) -> list[str]:
        followers = self._now("followers").followers
        return [follower.name for follower in followers.root] if followers else []

    def versions(self) -> dict[str, Any]:
        history = self.client.list_versions(self.known.id, self.entity)
        numbers = [json.loads(version)["version"] for version in history.versions]
        first = self.client.get_entity_version(self.entity, self.known.id, 0.1)
        return {"type": history.entityType, "versions": numbers, "first": self._about(first)}

    def listed(self) -> dict[str, Any]:
        """In the list of everything, and in that of its parent."""
        everything = self.client.list_all_entities(self.entity, fields=self.fields)
        seen = {"everywhere": self.fqn in {fqn_of(each) for each in everything}}
        kind = KINDS.get(self.entity)
        if kind is None:
            names = {fqn_of(each) for each in self.client.list_services(self.entity)}
            seen["under its parent"] = self.fqn in names
        elif kind.parent and kind.parent_field in FILTERS:
            parent = getattr(self._now(), kind.parent_field).fullyQualifiedName
            params = {kind.parent_field: parent}
            below = list(self.client.list_all_entities(self.entity, params=params))
            seen["under its parent"] = [fqn_of(each) for each in below] == [self.fqn]
        return seen

    def deleted(self) -> dict[str, Any]:
        """Hidden, but not gone; kinds that do not know that state are gone."""
        self.client.delete(self.entity, self.known.id, recursive=True)
        hidden = self.client.get_by_name(self.entity, self.fqn)
        kept = self.client.get_by_name(
            self.entity, self.fqn, fields=self.fields[:1], include="deleted"
        )
        return {"hidden": hidden is None, "kept": bool(kept and kept.deleted)}

    def restored(self) -> dict[str, Any]:
        """As it was before."""
        restored = self.client.restore(self.entity, self.known.id)
        if restored is None:
            return {}
        now = self._now(*self.fields)
        return {"same": restored.id == self.known.id, "description": model_str(now.description)}

    def gone(self) -> bool:
        """Neither there nor hidden."""
        if self._now() is not None:
            self.client.delete(self.entity, self.known.id, recursive=True, hard_delete=True)
        found = self.client.get_by_name(
            self.entity, self.fqn, fields=self.fields[:1], include="all"
        )
        return found is None
