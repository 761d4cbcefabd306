"""Training of the readers and calibration of confidence."""
