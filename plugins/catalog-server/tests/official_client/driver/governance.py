"""People, words and domains: how they hang together, and what they are attached to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createGlossary import CreateGlossaryRequest
from metadata.generated.schema.api.data.createGlossaryTerm import CreateGlossaryTermRequest
from metadata.generated.schema.api.data.createMetric import CreateMetricRequest
from metadata.generated.schema.api.domains.createDataProduct import CreateDataProductRequest
from metadata.generated.schema.api.domains.createDomain import CreateDomainRequest
from metadata.generated.schema.api.teams.createTeam import CreateTeamRequest
from metadata.generated.schema.api.teams.createUser import CreateUserRequest
from metadata.generated.schema.entity.classification.tag import Tag
from metadata.generated.schema.entity.data.glossaryTerm import GlossaryTerm
from metadata.generated.schema.entity.data.metric import Metric
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.domains.dataProduct import DataProduct
from metadata.generated.schema.entity.domains.domain import Domain
from metadata.generated.schema.entity.teams.user import User
from metadata.generated.schema.type.tagLabel import TagLabel

from driver.kinds import fqn_of, make, request_for
from driver.scene import Scene


def plays(scene: Scene) -> dict[str, Callable[[], Governance]]:
    """One table, and what it is classified, owned and organised by."""
    return {"governance": lambda: Governance(scene)}


class Governance:
    """Classifications, glossaries, users, teams, domains, data products and metrics."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        self.scene = scene
        self.table: Table = make(self.client, Table, "governance")
        self.fqn = fqn_of(self.table)

    def _now(self, *fields: str) -> Any:
        return self.client.get_by_name(Table, self.fqn, fields=list(fields))

    def _tag(self, name: str, classification: str, source: str = "Classification") -> TagLabel:
        return TagLabel(
            tagFQN=f"{classification}.{name}", source=source, labelType="Manual", state="Confirmed"
        )

    def tags_of_a_classification(self) -> list[str]:
        params = {"parent": "Sensitivity"}
        return sorted(tag.name.root for tag in self.client.list_all_entities(Tag, params=params))

    def nested_tag(self) -> str:
        request = CreateTagRequest(
            classification="Sensitivity",
            parent="Sensitivity.Secret",
            name="Top",
            description="Even more",
        )
        return str(self.client.create_or_update(request).fullyQualifiedName)

    def unknown_tag(self) -> Any:
        """What the client says when it gives up."""
        try:
            self.client.patch_tags(
                Table, self._now(), [self._tag("Nothing", "Sensitivity")], skip_on_failure=False
            )
        except RuntimeError as error:
            return str(error)
        return None

    def exclusive_tags(self) -> list[str]:
        """The second of two that exclude each other is refused."""
        self.client.create_or_update(
            CreateClassificationRequest(name="Tier", description="How good", mutuallyExclusive=True)
        )
        for name in ("One", "Two"):
            request = CreateTagRequest(classification="Tier", name=name, description=name)
            self.client.create_or_update(request)
            self.client.patch_tags(Table, self._now(), [self._tag(name, "Tier")])
        return [tag.tagFQN.root for tag in self._now("tags").tags]

    def glossary(self) -> dict[str, Any]:
        """A term in a term, related to another, on a table."""
        self.client.create_or_update(CreateGlossaryRequest(name="Shop", description="Our words"))
        for name, parent in (("Party", None), ("Customer", "Shop.Party"), ("Order", None)):
            request = CreateGlossaryTermRequest(
                glossary="Shop",
                name=name,
                description=name,
                parent=parent,
                synonyms=[f"{name}s"],
                relatedTerms=["Shop.Party"] if name == "Order" else None,
            )
            term = self.client.create_or_update(request)
        self.client.patch_tags(
            Table, self._now(), [self._tag("Party.Customer", "Shop", "Glossary")]
        )
        found = self.client.get_by_name(
            GlossaryTerm, "Shop.Party.Customer", fields=["parent", "glossary"]
        )
        order = self.client.get_by_id(GlossaryTerm, term.id, fields=["relatedTerms"])
        return {
            "fqn": fqn_of(found),
            "parent": found.parent.fullyQualifiedName,
            "glossary": found.glossary.name,
            "synonyms": [word.root for word in found.synonyms],
            "related": len(order.relatedTerms),
            "on the table": [
                tag.tagFQN.root for tag in self._now("tags").tags if tag.source.value == "Glossary"
            ],
        }

    def team(self) -> dict[str, Any]:
        """A user in a team, and the team as an owner."""
        team = self.client.create_or_update(CreateTeamRequest(name="sellers", teamType="Group"))
        self.client.create_or_update(
            CreateUserRequest(name="grace", email="grace@example.org", teams=[team.id])
        )
        user = self.client.get_by_name(User, "grace", fields=["teams"])
        reference = self.client.get_reference_by_name("sellers", is_owner=True)
        self.client.patch_owner(Table, self._now(), reference)
        owners = self._now("owners").owners.root
        return {
            "teams": [ref.id == team.id for ref in user.teams.root],
            "same": reference.root[0].id == team.id,
            "owners": [[owner.type, owner.name] for owner in owners],
        }

    def owner_kept(self) -> list[str]:
        """One owner is not replaced by another, unless that is meant."""
        seen = []
        for force in (False, True):
            self.client.patch_owner(Table, self._now(), self.scene.owners, force=force)
            seen.append(self._now("owners").owners.root[0].name)
        return seen

    def user_found(self) -> dict[str, Any]:
        """A user by name, and by mail."""
        self.client.create_or_update(
            CreateUserRequest(name="Joan.Clarke", email="joan@example.org")
        )
        name = self.client.get_reference_by_name("joan.clarke")
        mail = self.client.get_reference_by_email("joan@example.org")
        nobody = self.client.get_reference_by_email("nobody@example.org")
        return {
            "by name": name and name.root[0].name,
            "by mail": mail and mail.root[0].name,
            "nobody": nobody,
        }

    def domains(self) -> dict[str, Any]:
        """A domain in a domain, a product in it, and a table in both."""
        inner = self.client.create_or_update(
            CreateDomainRequest(
                name="Web", domainType="Aggregate", description="The shop", parent="Sales"
            )
        )
        product = self.client.create_or_update(
            CreateDataProductRequest(name="Orders", description="All", domains=["Sales.Web"])
        )
        request = request_for(self.client, Table, "governed")
        body = request.model_dump(exclude_unset=True, mode="json")
        both = {"domains": ["Sales.Web"], "dataProducts": [fqn_of(product)]}
        made = self.client.create_or_update(type(request).model_validate(body | both))
        found = self.client.get_by_id(Table, made.id, fields=["domains", "dataProducts"])
        again = self.client.get_by_name(Domain, "Sales.Web", fields=["parent"])
        owner = self.client.get_by_name(DataProduct, "Orders", fields=["domains"])
        return {
            "fqn": fqn_of(inner),
            "parent": again.parent.name,
            "domains": [ref.fullyQualifiedName for ref in found.domains.root],
            "products": [ref.name for ref in found.dataProducts.root],
            "product's": [ref.fullyQualifiedName for ref in owner.domains.root],
        }

    def metrics(self) -> dict[str, Any]:
        for name, related in (("orders", None), ("revenue", ["orders"])):
            self.client.create_or_update(
                CreateMetricRequest(
                    name=name,
                    metricType="SUM",
                    metricExpression={"language": "SQL", "code": "sum(x)"},
                    relatedMetrics=related,
                )
            )
        found = self.client.get_by_name(Metric, "revenue", fields=["relatedMetrics"])
        return {
            "code": found.metricExpression.code,
            "related": [ref.name for ref in found.relatedMetrics.root],
        }
