"""Mercury, the protocol of ThingMagic's modules (M5e, M6e, M7e) and of what is built on them."""
