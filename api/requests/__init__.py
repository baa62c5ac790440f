"""What a request asks for, read into the terms of the domain."""
