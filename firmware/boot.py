# Nothing to do before the desk may take over: a soft reset runs this file and stops here.
