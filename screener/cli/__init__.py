"""What each command of ``screener`` does; ``main`` names them and loads one only when it is called."""
