"""What every web process does alike: headers, hosts, static files, rate limits, languages."""
