"""What administrators call: who may ask, what they bought, the rules, and the record of changes."""
