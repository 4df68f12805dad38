"""What codes, reasons and near misses are called in French and English, the same in all three services."""
