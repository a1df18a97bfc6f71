"""TSL ASCII 2.x: handhelds of Technology Solutions UK, 1128, 1166, 2128, 2166 and others."""
