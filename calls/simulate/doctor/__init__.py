"""The stream doctor: calls an agent's stream as a carrier would and says what is wrong with what it sends back."""
