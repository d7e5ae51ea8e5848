"""The yearly 照会票: out to the sections, back in, and through the same door as every report."""
