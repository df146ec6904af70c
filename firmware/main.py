from wearable import supervisor

supervisor.run()
