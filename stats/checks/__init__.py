"""Can these results be trusted? One check a file, one function, one finding each."""
