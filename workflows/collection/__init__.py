"""What an app's collection is made of in the service, and how it is carried to another account."""
