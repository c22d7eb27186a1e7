"""The commands of administrators: who may ask, what they bought, the rules, and the record of changes."""
