"""The generated models of OpenMetadata, spelled as each release spells them."""
