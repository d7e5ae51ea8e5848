"""`make bench`: what the portal costs, as ratios against limits measured in the same run."""
