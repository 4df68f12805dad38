"""What every page needs: shell, components, language, forms, errors, CSRF and the application around them."""
