"""From rows to what readers see: documents, the fields that they ask for, pages of lists."""
