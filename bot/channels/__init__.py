"""Where customers and agents are: each channel turns its own language into Inbound and back."""
