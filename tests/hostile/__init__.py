"""What hostile servers and publishers do, case by case, and what each must come to."""
