"""The scanner: sheets out of a feeder or off the glass into a folder, none lost and none twice."""
