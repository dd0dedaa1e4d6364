"""How fast is it, and how much memory does it need? Ratios, measured side by side in one run; never a test's business."""
