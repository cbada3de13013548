"""The recorder's process: devices and their loop. All else is `intake.capture.recording`."""
