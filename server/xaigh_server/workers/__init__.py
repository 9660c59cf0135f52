"""What runs beside the calls: delivery, flushing, anchoring, retention."""
