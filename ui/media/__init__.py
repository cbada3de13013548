"""Playing sealed sound: decrypted as it is read, in memory, never on the disk."""
