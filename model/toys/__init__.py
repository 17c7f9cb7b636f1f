"""Small models that show one thing each."""
