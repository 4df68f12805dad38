"""What suppliers say to needs: interested, or not for them and why; changed and taken back while the need is open."""
