"""What each verb does: ask the service, hand the answer to `output`, return an exit code."""
