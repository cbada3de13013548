"""Intake: the domain. Takes testimony, keeps who apart from what was said. No Qt in here."""
