"""What is asked, and in which words: the study and its wording are data, read strictly."""
