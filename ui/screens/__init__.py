"""One module a screen: made when it is first opened, told each time which interview it shows."""
