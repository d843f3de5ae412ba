"""What is checked about a study's words: claims, reading grade, translations, differences."""
