"""An installation without a network: what is gathered into a kit, and how a kit is installed."""
