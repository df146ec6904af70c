"""The cable: mpremote behind one adapter, the desk's protocol, and putting the firmware on a board."""
