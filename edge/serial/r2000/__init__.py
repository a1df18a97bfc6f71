"""The A0 protocol of R2000 readers: Invelion, Rodinbell, Yanzeo, and many white labels."""
