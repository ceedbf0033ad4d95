"""The page "Scenarios": all scenario files of the library's folders."""
