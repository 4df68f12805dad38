"""What an operator sees and is woken by, written once here and given out as Grafana's and Prometheus's files."""
