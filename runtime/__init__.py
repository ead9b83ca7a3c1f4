"""What generated code may import."""
