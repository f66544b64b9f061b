{% set w = cookiecutter._words[cookiecutter.service_type] %}
{% set sample = cookiecutter._samples[cookiecutter.service_type] %}
{% if cookiecutter.__reflects %}
-- A small database, read where no url is configured.
{% for item in sample %}
CREATE TABLE {{ item.name }} (
{% for field in item.fields %}
  {{ field.name }} {{ field.type }}{{ "," if not loop.last }}
{% endfor %}
);
{% endfor %}
{% else %}
-- What is read where no url is configured; the query in config.py fits it.
CREATE TABLE {{ w.plural }} ({{ w.group ~ " TEXT, " if w.group }}name TEXT, description TEXT);
INSERT INTO {{ w.plural }} VALUES
{% for item in sample %}
  ({{ "'" ~ item.group ~ "', " if w.group }}'{{ item.name }}', '{{ item.description }}'){{ ";" if loop.last else "," }}
{% endfor %}
{% if w.field %}
CREATE TABLE {{ w.fields }}_of ({{ w.item }}_name TEXT, position INTEGER, name TEXT, type TEXT, description TEXT);
INSERT INTO {{ w.fields }}_of VALUES
{% for item in sample %}
{% set last = loop.last %}
{% for field in item.fields %}
  ('{{ item.name }}', {{ loop.index }}, '{{ field.name }}', '{{ field.type }}', '{{ field.description }}'){{ ";" if last and loop.last else "," }}
{% endfor %}
{% endfor %}
{% endif %}
{% endif %}
