"""Files that people add to what they write: documents, photos, evidence."""
