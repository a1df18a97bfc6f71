"""UHFReader18, UHFReader288, UHFReader86, UHFEx10, RRU98xx: one framing, two dialects."""
