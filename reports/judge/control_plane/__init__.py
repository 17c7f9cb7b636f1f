"""A whole control plane judged write by write: who wrote what, and what they could have seen."""
