"""What tests share: the deployment, the clients of the public pages and of the desk, the shipped servers."""
