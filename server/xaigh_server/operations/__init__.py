"""What our own services read of the jobs of all organizations."""
