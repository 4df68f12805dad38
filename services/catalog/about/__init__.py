"""What Boucle says about itself: legal notice, accessibility, developers."""
