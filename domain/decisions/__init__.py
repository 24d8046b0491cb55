"""Deciding is separate from doing: each module says for some commands what follows from them, or why nothing may."""
