"""Sample benefit notices with true cards, and how far our cards are true."""
