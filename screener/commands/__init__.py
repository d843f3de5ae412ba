"""What each command of ``screener`` does; ``screener.cli`` names them and loads one only when it is called."""
