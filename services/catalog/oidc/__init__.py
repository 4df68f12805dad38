"""Signing in with an account that people have elsewhere: any OpenID Connect provider, ProConnect for one."""
