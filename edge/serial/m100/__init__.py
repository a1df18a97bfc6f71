"""The protocol of M100 and R200 modules (QM100, YRM100, JRD-100): frames from BB to 7E."""
