"""What the input tells for certain: what absence means, and what stands in it several times."""
